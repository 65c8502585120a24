"""Base views: a view that forgets its permission can't be defined."""
