"""What branding is made of. Pure functions."""

#: The accents that static/css/accents.css knows.
ACCENTS = {
    "teal": "Teal",
    "blue": "Blue",
    "indigo": "Indigo",
    "violet": "Violet",
    "plum": "Plum",
    "green": "Green",
    "ochre": "Ochre",
    "graphite": "Graphite",
}

#: The same for mail, on light and on dark ground: mail programs know neither style sheets of ours nor oklch().
ON_PAPER = {
    "teal": ("#00696e", "#5ecbcb"),
    "blue": ("#1e5ba1", "#85bcf5"),
    "indigo": ("#444cb2", "#a4b3f8"),
    "violet": ("#6742a2", "#c0a7f8"),
    "plum": ("#8b3473", "#eb98cf"),
    "green": ("#256b3a", "#76cf8a"),
    "ochre": ("#7c500f", "#e4ac59"),
    "graphite": ("#4d5d6b", "#abb9c7"),
}
