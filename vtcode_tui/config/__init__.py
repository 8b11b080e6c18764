"""What the user configured: schema, loading layer by layer, policies, edits that keep comments."""
