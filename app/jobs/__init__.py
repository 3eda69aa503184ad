"""Background jobs, done by one worker process beside the site."""
