//! One-time codes: one for each number and purpose, kept as keyed hashes.
//!
//! A guess is judged and counted in one transaction that holds the code's row, so that of many at
//! once none goes uncounted, and the right one succeeds once.

use domain::MatchKey;
use domain::otp::{MAX_ATTEMPTS, Otp};
use jiff::{SignedDuration, Timestamp};
use subtle::{Choice, ConstantTimeEq};

use crate::error::Result;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// Which code: whose number, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtpName {
    /// The number.
    pub phone: MatchKey,
    /// Such as `authentication`.
    pub purpose: String,
}

/// A code that is about to be sent.
#[derive(Clone, Debug)]
pub struct NewOtp {
    /// Which.
    pub name: OtpName,
    /// The keyed hash of the code.
    pub mark: Vec<u8>,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it is made.
    pub at: Timestamp,
}

/// A code that somebody says was sent.
#[derive(Clone, Debug)]
pub struct OtpGuess {
    /// Which it should be.
    pub name: OtpName,
    /// The keyed hashes it may have been kept as, one for each key there is.
    pub marks: Vec<Vec<u8>>,
    /// How often a number may be guessed for.
    pub limit: OtpLimit,
    /// When.
    pub at: Timestamp,
}

/// How often something may be asked of a number.
#[derive(Clone, Copy, Debug)]
pub struct OtpLimit {
    /// What, such as `verify`.
    pub kind: &'static str,
    /// How often.
    pub most: i64,
    /// In how long, from the first time on.
    pub within: SignedDuration,
}

/// What became of an [`OtpGuess`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guessed {
    /// It was the code, which is used up now.
    Right,
    /// There is no code.
    NoCode,
    /// Too many wrong ones were tried.
    TooManyAttempts,
    /// The code has expired.
    Expired,
    /// It was another code.
    Wrong {
        /// How many more may be tried.
        attempts_left: i64,
    },
    /// The number was guessed for too often; the code was not looked at.
    TooOften {
        /// When that ends.
        until: Timestamp,
    },
}

impl Store {
    /// Keeps a code, in the place of the one there was.
    pub async fn put_otp(&self, new: NewOtp) -> Result<()> {
        let sql = "INSERT INTO otps \
             (tenant_id, phone_key, purpose, code_mark, attempts, expires_at, created_at) \
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) \
             ON CONFLICT (tenant_id, phone_key, purpose) DO UPDATE SET \
             code_mark = excluded.code_mark, attempts = 0, expires_at = excluded.expires_at, \
             created_at = excluded.created_at";
        let mut values = self.named(&new.name);
        let mark = Value::Bytes(new.mark);
        values.extend([mark, new.expires_at.into(), new.at.into()]);
        self.write_otp(sql, values).await
    }

    /// Forgets a code that was never sent, unless another has taken its place.
    pub async fn drop_otp(&self, name: &OtpName, mark: &[u8]) -> Result<()> {
        let sql = "DELETE FROM otps \
             WHERE tenant_id = ?1 AND phone_key = ?2 AND purpose = ?3 AND code_mark = ?4";
        let mut values = self.named(name);
        values.push(mark.into());
        self.write_otp(sql, values).await
    }

    /// Returns the code that was sent last and is not used yet.
    pub async fn otp(&self, name: &OtpName) -> Result<Option<Otp>> {
        let (sql, values) = (select(""), self.named(name));
        self.first(sql, values, read).await
    }

    /// Judges a guess and counts it; the right one uses the code up.
    pub async fn guess_otp(&self, guess: OtpGuess) -> Result<Guessed> {
        let values = self.named(&guess.name);
        self.database
            .write(work(move |tx| {
                let (values, guess) = (values.clone(), guess.clone());
                Box::pin(async move { judge(tx, &values, &guess).await })
            }))
            .await
    }

    /// Counts that something is asked of a number; returns until when that was too often.
    pub async fn count_otp_request(
        &self,
        phone: &MatchKey,
        limit: OtpLimit,
        at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let values = [self.tenant_value(), phone.as_str().into()];
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move { count(tx, &values, limit, at).await })
            }))
            .await
    }

    fn named(&self, name: &OtpName) -> Vec<Value> {
        let (phone, purpose) = (name.phone.as_str(), name.purpose.as_str());
        vec![self.tenant_value(), phone.into(), purpose.into()]
    }

    async fn write_otp(&self, sql: &'static str, values: Vec<Value>) -> Result<()> {
        let write = work(move |tx| {
            let values = values.clone();
            Box::pin(async move { tx.execute(sql, &values).await })
        });
        self.database.write(write).await.map(drop)
    }
}

/// Forgets codes that expired before an instant, and counts that began before it.
pub(crate) async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    // global: what is long over is forgotten, whosever it is.
    let sql = "DELETE FROM otps WHERE expires_at < ?1";
    let codes = tx.execute(sql, &[before.into()]).await?;
    // global: as above.
    let sql = "DELETE FROM otp_requests WHERE started_at < ?1";
    Ok(codes + tx.execute(sql, &[before.into()]).await?)
}

fn select(lock: &str) -> String {
    format!(
        "SELECT attempts, expires_at, created_at, code_mark FROM otps \
         WHERE tenant_id = ?1 AND phone_key = ?2 AND purpose = ?3{lock}"
    )
}

fn read(row: &mut Row) -> Result<Otp> {
    Ok(Otp {
        attempts: row.int()?,
        expires_at: row.time()?,
        created_at: row.time()?,
    })
}

async fn judge(tx: &mut Tx, name: &[Value], guess: &OtpGuess) -> Result<Guessed> {
    // The count's row is held from here on: guesses for a number go one by one.
    if let Some(until) = count(tx, &name[..2], guess.limit, guess.at).await? {
        return Ok(Guessed::TooOften { until });
    }
    let Some(mut row) = tx.first(&select(tx.for_update()), name).await? else {
        return Ok(Guessed::NoCode);
    };
    let (otp, mark) = (read(&mut row)?, row.bytes()?);
    if otp.attempts >= MAX_ATTEMPTS {
        return Ok(Guessed::TooManyAttempts);
    }
    if otp.expires_at <= guess.at {
        return Ok(Guessed::Expired);
    }
    // In a time that tells nothing.
    let same = |all: Choice, it: &Vec<u8>| all | it.as_slice().ct_eq(&mark);
    let is_right = guess.marks.iter().fold(Choice::from(0), same);
    if bool::from(is_right) {
        let sql = "DELETE FROM otps WHERE tenant_id = ?1 AND phone_key = ?2 AND purpose = ?3";
        tx.execute(sql, name).await?;
        let sql = "DELETE FROM otp_requests WHERE tenant_id = ?1 AND phone_key = ?2 AND kind = ?3";
        let mut counted = name[..2].to_vec();
        counted.push(guess.limit.kind.into());
        tx.execute(sql, &counted).await?;
        return Ok(Guessed::Right);
    }
    let sql = "UPDATE otps SET attempts = attempts + 1 \
         WHERE tenant_id = ?1 AND phone_key = ?2 AND purpose = ?3";
    tx.execute(sql, name).await?;
    Ok(Guessed::Wrong {
        attempts_left: otp.attempts_left() - 1,
    })
}

/// Counts one more; returns until when that is too often.
async fn count(
    tx: &mut Tx,
    whose: &[Value],
    limit: OtpLimit,
    at: Timestamp,
) -> Result<Option<Timestamp>> {
    let sql = "INSERT INTO otp_requests (tenant_id, phone_key, kind, count, started_at) \
         VALUES (?1, ?2, ?3, 1, ?4) ON CONFLICT (tenant_id, phone_key, kind) DO UPDATE SET \
         count = CASE WHEN otp_requests.started_at <= ?5 THEN 1 ELSE otp_requests.count + 1 END, \
         started_at = CASE WHEN otp_requests.started_at <= ?5 THEN excluded.started_at \
             ELSE otp_requests.started_at END RETURNING count, started_at";
    let mut values = whose.to_vec();
    values.extend([limit.kind.into(), at.into(), (at - limit.within).into()]);
    let row = tx.first(sql, &values).await?;
    let Some(mut row) = row else { return Ok(None) };
    let (count, started_at) = (row.int()?, row.time()?);
    Ok((count > limit.most).then(|| started_at + limit.within))
}
