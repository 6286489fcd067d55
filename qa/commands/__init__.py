"""The commands, one file each: parse, call one method of the service, render."""
