mod consent;
mod door;
mod messages;
mod people;
mod statuses;
mod templates;
