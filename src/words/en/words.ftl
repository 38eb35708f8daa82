# What the operating system refuses.

words-os-not-found = there is no such file or folder
words-os-permission-denied = access is denied
words-os-already-exists = there is one of that name already
words-os-is-a-folder = it is a folder
words-os-is-no-folder = a part of the path is no folder
words-os-disk-full = the disk is full
words-os-quota-exceeded = this user's part of the disk is used up
words-os-file-too-large = the file is larger than it may be
words-os-read-only = the disk can only be read
words-os-invalid-name = no file can have such a name
words-os-address-in-use = another program has it
words-os-make-the-folder = make the folder first, or name another
words-os-may-you-write = may this user write there? A systemd service may only where its unit says so (ReadWritePaths, ProtectHome)
words-os-may-you-write-windows = close the file where another program holds it; or may this user write there?
words-os-make-room = make room on that disk
words-os-name-another = name another
