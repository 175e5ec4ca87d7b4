"""Firebase Cloud Messaging: notices for an app on Android."""
