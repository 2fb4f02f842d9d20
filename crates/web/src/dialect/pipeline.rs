//! The path of a request: key, rate, right, body, handler.

use std::sync::Mutex;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use domain::Clock;
use http::{HeaderMap, header};
use operations::{Caller, KeyRefused, Operations, Rate, Taken};
use tower_http::catch_panic::CatchPanicLayer;

use super::{Call, Dialect, Failure, Route, Verb, body, form, once};

/// Builds the router of a dialect from its table.
pub(crate) fn router<D: Dialect>(operations: Operations) -> Router {
    let mut router = Router::new();
    for route in D::ROUTES {
        let filter = match route.verb {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
            Verb::Patch => MethodFilter::PATCH,
            Verb::Delete => MethodFilter::DELETE,
        };
        let handle = move |State(operations): State<Operations>, request: Request| async move {
            answer(route, operations, request).await
        };
        router = router.route(route.path, on(filter, handle));
    }
    let clock = operations.clock().clone();
    let panicked = move |_| finish::<D>(Err(Failure::Internal.into()), None, &clock);
    router
        .method_not_allowed_fallback(wrong_method::<D>)
        .fallback(unknown_route::<D>)
        .with_state(operations)
        .layer(CatchPanicLayer::custom(panicked))
}

async fn unknown_route<D: Dialect>(State(operations): State<Operations>) -> Response {
    finish::<D>(Err(Failure::UnknownRoute.into()), None, operations.clock())
}

async fn wrong_method<D: Dialect>(
    State(operations): State<Operations>,
    path: MatchedPath,
) -> Response {
    let routes = D::ROUTES.iter().filter(|route| route.path == path.as_str());
    let methods: Vec<&str> = routes
        .flat_map(|route| route.verb.methods())
        .copied()
        .collect();
    let allow = methods.join(", ");
    let failure = Failure::WrongMethod { allow };
    finish::<D>(Err(failure.into()), None, operations.clock())
}

/// Writes the response, with the headers that every response of the dialect carries.
fn finish<D: Dialect>(
    result: Result<Response, D::Error>,
    rate: Option<Rate>,
    clock: &Clock,
) -> Response {
    let mut response = result.unwrap_or_else(|error| D::say(error, clock.now()));
    D::stamp(&mut response, rate);
    response
}

async fn answer<D: Dialect>(
    route: &'static Route<D>,
    operations: Operations,
    request: Request,
) -> Response {
    let clock = operations.clock().clone();
    let caller = match authenticate::<D>(&operations, request.headers()).await {
        Ok(caller) => caller,
        Err(failure) => {
            let error = D::at(route.path, failure.into());
            return finish::<D>(Err(error), None, &clock);
        }
    };
    let taken = operations.take_request(&caller);
    let result = match taken {
        Taken::Over(rate) => Err(Failure::RateLimited(rate).into()),
        Taken::Within(_) => handle(route, operations, caller, request).await,
    };
    let result = result.map_err(|error| D::at(route.path, error));
    finish::<D>(result, taken.rate(), &clock)
}

async fn handle<D: Dialect>(
    route: &'static Route<D>,
    operations: Operations,
    caller: Caller,
    request: Request,
) -> Result<Response, D::Error> {
    if let Some(right) = route.right {
        D::permit(&caller, right)?;
    }
    let (mut parts, body) = request.into_parts();
    // A path that is no UTF-8 names nothing.
    let path = RawPathParams::from_request_parts(&mut parts, &()).await;
    let path = path.map_err(|_| Failure::UnknownRoute)?;
    let path = path
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let path = path.collect();
    let key = match route.verb {
        Verb::Post => once::key(&parts.headers)?,
        Verb::Get | Verb::Patch | Verb::Delete => None,
    };
    let (body, files) = if !route.verb.has_body() {
        (bytes::Bytes::new(), Vec::new())
    } else if route.takes_forms && form::is_form(&parts.headers) {
        let whose = (&operations, &caller);
        form::read(whose, &parts.headers, body, form::MAX_BYTES).await?
    } else {
        let body = body::read(&parts.headers, body, route.max_body).await?;
        (body, Vec::new())
    };
    let query = parts.uri.query().unwrap_or_default();
    let query = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let call = Call {
        operations,
        caller,
        uri: parts.uri,
        headers: parts.headers,
        path,
        query,
        body,
        files: Mutex::new(files),
    };
    match key {
        Some(key) => Ok(once::answer(route, call, key).await?),
        None => (route.handler)(&call).await,
    }
}

async fn authenticate<D: Dialect>(
    operations: &Operations,
    headers: &HeaderMap,
) -> Result<Caller, Failure> {
    let header = headers
        .get(header::AUTHORIZATION)
        .ok_or(Failure::MissingKey)?;
    let header = header.to_str().map_err(|_| Failure::MalformedKey)?;
    let (scheme, secret) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    let secret = secret.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || secret.is_empty() {
        return Err(Failure::MissingKey);
    }
    if !secret.starts_with(D::API.prefix()) {
        return Err(Failure::MalformedKey);
    }
    operations
        .authenticate(D::API, secret)
        .await
        .map_err(|refused| match refused {
            KeyRefused::Unknown => Failure::UnknownKey,
            KeyRefused::Revoked => Failure::RevokedKey,
            KeyRefused::Expired => Failure::ExpiredKey,
            KeyRefused::TenantInactive => Failure::TenantInactive,
            KeyRefused::Unavailable => Failure::Internal,
        })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::response::Response;
    use domain::key::Api;
    use http::{Request, StatusCode};
    use jiff::Timestamp;
    use operations::{Caller, Rate};
    use test_support::TestServer;
    use tower::ServiceExt;

    use crate::dialect::{Dialect, Failure, Route, Verb};

    /// A dialect whose only handler panics.
    struct Panicking;

    impl Dialect for Panicking {
        type Right = ();
        type Error = Failure;

        const API: Api = Api::FlowIq;

        const ROUTES: &'static [Route<Self>] =
            &[panics(Verb::Get, "/panic"), panics(Verb::Post, "/panics")];

        fn permit(_caller: &Caller, (): ()) -> Result<(), Failure> {
            Ok(())
        }

        fn did_nothing(_error: &Failure) -> bool {
            true
        }

        fn say(error: Failure, _now: Timestamp) -> Response {
            let mut response = Response::new(Body::from(format!("{error:?}")));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }

        fn stamp(response: &mut Response, _rate: Option<Rate>) {
            response.headers_mut().insert("x-stamped", 1.into());
        }
    }

    const fn panics(verb: Verb, path: &'static str) -> Route<Panicking> {
        Route::new(verb, path, Some(()), |_| {
            Box::pin(async { panic!("as the test wants it") })
        })
    }

    #[tokio::test]
    async fn a_handler_that_panicked_is_not_asked_again_under_the_same_key() {
        let server = TestServer::start().await;
        let acme = server.tenant("acme").await.flowiq().await;
        for replayed in [None, Some("true")] {
            let router = super::router::<Panicking>(server.operations.clone());
            let request = Request::post("/panics")
                .header("authorization", acme.header())
                .header("idempotency-key", "order 1");
            let request = request.body(Body::empty()).unwrap();
            let response = router.oneshot(request).await.unwrap();
            assert_eq!(response.status(), 500);
            assert!(response.headers().contains_key("x-stamped"));
            let said = response.headers().get("idempotency-replayed");
            assert_eq!(said.map(|it| it.to_str().unwrap()), replayed);
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_an_internal_error_of_its_dialect() {
        let server = TestServer::start().await;
        let acme = server.tenant("acme").await.flowiq().await;
        let router = super::router::<Panicking>(server.operations.clone());
        let request = Request::get("/panic").header("authorization", acme.header());
        let request = request.body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert!(response.headers().contains_key("x-stamped"));
        let body = axum::body::to_bytes(response.into_body(), 100)
            .await
            .unwrap();
        assert_eq!(body, "Internal");
    }
}
