"""The client ``slipway``: checks zips, ships them, and asks the controller, from a person's machine or a pipeline.

    slipway ship checkout build.zip --watch

Rules of the folder:
- whatever the client does is one upload or one of the controller's requests; nothing is possible with the client alone;
- the requests and their options come from the controller's own JSON Schema, and their answers are read in ``answers``;
- standard output belongs to the answer, standard error to all else.
"""
