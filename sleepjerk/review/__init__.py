"""How good is it on one person? Windows of a night chosen by chance, what people say of them, and what follows.

Knows nights and their signal; must not know how a movement is found, nor words or pages.
"""
