"""The folder that stands for the S3 bucket."""
