"""Three hosts, three nats-servers, two instances of each service: what breaks between them, and how long it stops work.

Not covered: Postgres is one server that every host reaches by its socket; the desks' pages; five servers; slow links.
"""
