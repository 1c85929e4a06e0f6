"""The local page: recording, files, nights and weeks in a browser, for people who never open a terminal.

Knows addresses, forms and what to show next. Computes nothing: what takes time runs as a process of its own
(`jobs`), so that neither numpy nor pandas is ever imported into the server. Nothing leaves this computer (`guard`).
"""
