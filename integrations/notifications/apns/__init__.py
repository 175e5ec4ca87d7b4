"""Apple's push service: notices for an app on an iPhone, iPad or watch."""
