"""The old place of the emulator's rules; scripts beside the repository import them from here."""
