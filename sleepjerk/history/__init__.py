"""What is kept of a person: nights and answers, corrections, sensors, and where these files are. Judges nothing."""
