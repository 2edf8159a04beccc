"""At home with other people's tools: their file formats, their servers, their learners."""
