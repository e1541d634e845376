// Holds the place until the target has its first source file.
