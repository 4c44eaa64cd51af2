"""Augmentations: what makes new images of the training images, a file for each."""
