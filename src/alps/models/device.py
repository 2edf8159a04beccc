"""Where a model runs and in which floating-point type."""

from __future__ import annotations

import platform

import torch

from alps.base.errors import AlpsError

DTYPES = ("auto", "float32", "bfloat16", "float16")


def resolve_device(device: str = "auto") -> torch.device:
    """
    The device for a name such as ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps`` or ``xpu``.

    Raises
    ------
    AlpsError
        When the name is not a device or this machine does not have it.

    """
    if device == "auto":
        found = torch.accelerator.current_accelerator(check_available=True)
        return found if found is not None else torch.device("cpu")
    try:
        resolved = torch.device(device)
        torch.empty(1, device=resolved)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise AlpsError(f"The device {device!r} is not available here; use --device cpu or auto.") from error
    return resolved


def resolve_dtype(dtype: str = "auto") -> torch.dtype:
    """
    The type of the encoder's arithmetic; a log-sum-exp is float32 whatever it is.

    ``auto`` is float32 on every device: another type changes the picks, and those of bfloat16 were worse
    (models/weights/model-card.md).
    """
    if dtype not in DTYPES:
        raise AlpsError(f"The dtype {dtype!r} is unknown; choose one of {', '.join(DTYPES)}.")
    resolved: torch.dtype = getattr(torch, "float32" if dtype == "auto" else dtype)
    return resolved


def processor(device: torch.device) -> str:
    """What kind of processor computes; another kind may end in other last bits."""
    if device.type == "cuda":
        return f"cuda {torch.cuda.get_device_name(device)}"
    if device.type != "cpu":
        return device.type
    units = [unit for unit in ("avx512_bf16", "amx_bf16") if torch.cpu.get_capabilities().get(unit)]
    return " ".join(["cpu", platform.machine(), torch.backends.cpu.get_cpu_capability(), *units])


def dtype_name(dtype: torch.dtype) -> str:
    """The short name, such as ``float32``."""
    return str(dtype).removeprefix("torch.")
