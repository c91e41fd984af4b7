"""Objects whose URLs begin with `/v1/data_management`."""
