//! A place.

use domain::message::Content;
use domain::message::content::Location;

use super::limits::Limits;
use super::{Error, Object};

const LIMITS: Limits = Limits("Invalid location message");

pub(super) fn read(body: &Object) -> Result<Content, Error> {
    let location = body.object("location")?;
    let place = location.as_ref().map(|it| {
        let place = (it.number("latitude")?, it.number("longitude")?);
        Ok::<_, Error>(place)
    });
    let (Some(location), Some((Some(latitude), Some(longitude)))) = (&location, place.transpose()?)
    else {
        return Err(Error::missing_field(
            "location.latitude and location.longitude are required for location messages",
        ));
    };
    for (field, degrees, most) in [
        ("location.latitude", latitude, 90.0),
        ("location.longitude", longitude, 180.0),
    ] {
        if degrees.abs() > most {
            return LIMITS.broken(format!("{field} must be from -{most} to {most}"));
        }
    }
    Ok(Content::Location(Location {
        latitude,
        longitude,
        name: location.text("name")?.map(str::to_owned),
        address: location.text("address")?.map(str::to_owned),
    }))
}
