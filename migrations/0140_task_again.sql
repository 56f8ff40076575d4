-- What is asked for once more while a task of its key runs: the arguments of the run after that.
ALTER TABLE tasks ADD COLUMN again TEXT;
