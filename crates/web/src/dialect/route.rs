//! A line of a route table.

use axum::response::Response;
use futures_util::future::BoxFuture;

use super::{Call, Dialect};

/// How long a body may be unless the route says otherwise: 1 MiB.
const DEFAULT_MAX_BODY: usize = 1 << 20;

/// The methods that routes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

impl Verb {
    /// Returns the methods that are answered: whoever may get something may ask for its head.
    pub(crate) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET", "HEAD"],
            Self::Post => &["POST"],
            Self::Patch => &["PATCH"],
            Self::Delete => &["DELETE"],
        }
    }

    /// Returns whether a request of this method may have a body that counts.
    pub(crate) fn has_body(self) -> bool {
        self != Self::Get
    }
}

/// What answers a request.
pub(crate) type Handler<D> =
    for<'c> fn(&'c Call) -> BoxFuture<'c, Result<Response, <D as Dialect>::Error>>;

/// A line of a route table: method, path, right, handler.
pub(crate) struct Route<D: Dialect> {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
    /// What a key must have; without it, any will do.
    pub(crate) right: Option<D::Right>,
    pub(crate) handler: Handler<D>,
    pub(crate) max_body: usize,
    /// Whether the body may be a form with files.
    pub(crate) takes_forms: bool,
}

impl<D: Dialect> Route<D> {
    pub(crate) const fn new(
        verb: Verb,
        path: &'static str,
        right: Option<D::Right>,
        handler: Handler<D>,
    ) -> Self {
        Self {
            verb,
            path,
            right,
            handler,
            max_body: DEFAULT_MAX_BODY,
            takes_forms: false,
        }
    }

    /// Takes bodies of another length.
    pub(crate) const fn up_to(self, max_body: usize) -> Self {
        Self { max_body, ..self }
    }

    /// Takes forms with files too.
    pub(crate) const fn form(self) -> Self {
        Self {
            takes_forms: true,
            ..self
        }
    }
}

/// A route table: a line of method, path, right and handler for each route, how many bytes its body
/// may have where that is not the default, and whether it may be a form. A line without a right takes
/// any key.
macro_rules! routes {
    (@right) => { None };
    (@right $right:path) => { Some($right) };
    ($($verb:ident $path:literal $($right:path)? => $handler:path
        $([up to $max:expr])? $([or a $form:ident])?;)*) => {
        &[$(
            $crate::dialect::Route::new(
                $crate::dialect::Verb::$verb,
                $path,
                $crate::dialect::routes!(@right $($right)?),
                |call| Box::pin($handler(call)),
            )
            $(.up_to($max))?
            $(.$form())?
        ),*]
    };
}

pub(crate) use routes;
