"""What a statement asks for, as weighted features that do not depend on how it is spelled."""
