"""One module per public dataset: address, licence, citation, checksum, reader."""
