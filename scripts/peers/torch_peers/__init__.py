"""Plain, eager PyTorch forms of the decoding methods as their authors' code runs them; see ../README.md."""
