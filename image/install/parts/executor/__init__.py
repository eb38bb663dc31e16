"""opencodemode's executor service, as it runs in a Codetainer cage.

The package's own service, validator and runner answer every call. What is different here: settings
that the package reads and does not act on hold, the API key and the certificates' keys stay in the
service's process, and each execution is a process in a kernel sandbox (landlock(7)) of its own, forked
from one that has the imports already, instead of an interpreter that is started anew with the API key
in its command line.
"""
