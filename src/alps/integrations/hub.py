"""
A classifier for the Hugging Face hub.

Embeddings of texts of the pool stay here: texts can be read out of embeddings (Morris et al., "Text Embeddings Reveal
(Almost) As Much As Text", EMNLP 2023).
"""

from __future__ import annotations

from pathlib import Path

from alps.base.errors import AlpsError
from alps.base.text_safety import for_terminal
from alps.classifiers.likeness import FILE


def check_hub(repository: str) -> None:
    """
    Refuse early, before the work is done, what could not be pushed at its end.

    Raises
    ------
    AlpsError
        When the name is none of the hub's, the hub cannot be reached, or nobody is logged in.

    """
    from huggingface_hub import HfApi
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(repository)
        HfApi().whoami()
    except Exception as error:  # of the name, the connection or the hub: the library has a dozen kinds
        remedy = "check the name and the connection, and log in with: hf auth login"
        raise AlpsError(
            f"Nothing can be pushed to {for_terminal(repository, 80)} ({_words(error)}); {remedy}."
        ) from error


def push(folder: Path, repository: str, *, public: bool = False) -> str:
    """
    Put the folder of a classifier into a repository of the hub, which is made where it is missing.

    Parameters
    ----------
    folder
        What `TextClassifier.save` wrote.
    repository
        ``owner/name``.
    public
        Whether everybody may see a repository that is made; one that is there stays as it is.

    Returns
    -------
    str
        Its address.

    Raises
    ------
    AlpsError
        When the hub refuses or cannot be reached.

    """
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        made = HfApi().create_repo(repository, private=not public, exist_ok=True)
        HfApi().upload_folder(
            repo_id=made.repo_id, folder_path=folder, ignore_patterns=[FILE], commit_message="Push from alps train"
        )
    except Exception as error:  # as above
        raise AlpsError(
            f"The classifier is in {folder} but was not pushed ({_words(error)}); later: "
            f"hf upload {for_terminal(repository, 80)} {folder} --exclude {FILE}"
        ) from error
    return str(made)


def _words(error: Exception) -> str:
    """The first line of an error, as a part of a sentence."""
    return for_terminal(str(error).strip().partition("\n")[0], 160).rstrip(".").replace(". ", ", ")
