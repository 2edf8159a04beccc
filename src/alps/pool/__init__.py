"""The pool: unlabelled texts with stable ids, read from files and from memory, and the files we write."""
