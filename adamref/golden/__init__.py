"""Golden vectors: probes with certified values, for implementations in any language."""
