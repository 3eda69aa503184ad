"""People who sign in: invitations, passwords, second factors, roles."""
