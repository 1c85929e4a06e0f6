"""What a night and a week come to: criteria, questions, verdicts. Must not know samples, files or pages."""
