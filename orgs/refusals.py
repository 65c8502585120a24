"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says(
    "organization_code_unique",
    "duplicate",
    "Another organization has this code. Choose a different one.",
    field="code",
)
constraint_says(
    "organization_one_parent",
    "structure",
    "A network has one parent organization, at its root.",
    field="kind",
)
constraint_says("membership_unique", "duplicate", "This person already holds this role here.", field="role")
constraint_says(
    "hostname_once", "duplicate", "The network has asked for this host name already.", field="name"
)
constraint_says(
    "hostname_one_network", "duplicate", "This host name was confirmed for another network.", field="name"
)
constraint_says(
    "network_code_in_enterprise",
    "duplicate",
    "This enterprise already has a network with that code.",
    field="code",
)
constraint_says(
    "organizationimport_one_at_a_time",
    "busy",
    "Another import of this network is under way. Wait until it has ended, and look at the dry run again.",
)
constraint_says(
    "ownrecords_one_at_a_time",
    "busy",
    "Its records are being made already. Wait until they are ready.",
)
constraint_says("departure_once", "not_permitted", "It has left the network already.")
