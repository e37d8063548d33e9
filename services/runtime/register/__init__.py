"""The register of agencies, desks, units and areas, with its dates: read strictly, expanded and looked up."""
