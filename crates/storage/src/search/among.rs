//! Finding what some of the messages say, such as those of one talk.
//!
//! The pieces leave of them what may be found, however many there are; only that is read and compared.

use std::collections::{BTreeMap, HashSet};

use domain::ids::MessageId;

use super::find::{Alternative, EXACT, FoundIds, Hits, MAX_FOUND, MessageSearch, Search};
use super::postings::{Ids, block_of};
use super::{Kind, MAX_BLOCKS};
use crate::error::Result;
use crate::sql;
use crate::store::Store;

impl Store {
    /// Returns which of these messages have at least one of some texts in them, in their order, at
    /// least the first `wanted`; the rest is estimated.
    pub(crate) async fn messages_among(
        &self,
        search: &MessageSearch,
        among: &[MessageId],
        wanted: usize,
    ) -> Result<FoundIds<MessageId>> {
        let alternatives = Alternative::of_messages(search);
        let mut hits = Hits::default();
        let waiting = hits.of_waiting(self, Kind::Message, &alternatives).await?;
        let ids: Vec<i64> = among.iter().map(|id| id.get()).collect();
        let all: HashSet<i64> = ids.iter().copied().collect();
        hits.at.retain(|id, _| all.contains(id));
        for alternative in &alternatives {
            let search = Search {
                database: &self.database,
                tenant: self.tenant.get(),
                kind: Kind::Message,
                alternative,
                waiting: &waiting,
                wanted: wanted.clamp(EXACT, MAX_FOUND),
            };
            search.run_among(&ids, &mut hits).await?;
        }
        let total = hits.total();
        let found = among.iter().filter(|id| hits.at.contains_key(&id.get()));
        Ok(FoundIds {
            ids: found.copied().collect(),
            total,
        })
    }
}

impl Search<'_> {
    async fn run_among(&self, ids: &[i64], hits: &mut Hits) -> Result<()> {
        let may_be = self.having_all_pieces(ids).await?;
        let candidates = ids.iter().filter(|id| may_be.contains(id));
        let candidates: Vec<i64> = candidates.copied().collect();
        let (mut found, mut compared) = (0, 0);
        for chunk in candidates.chunks(sql::MAX_ROWS) {
            if found >= self.wanted {
                break;
            }
            compared += chunk.len();
            found += self.compare(chunk, hits).await?;
        }
        // What was not compared is taken to be found as often as what was.
        hits.estimate += (candidates.len() - compared) * found / compared.max(1);
        Ok(())
    }

    /// Returns those of these ids that are filed and have all pieces of what is searched for.
    async fn having_all_pieces(&self, ids: &[i64]) -> Result<HashSet<i64>> {
        let mut blocks: BTreeMap<i64, Ids> = BTreeMap::new();
        for id in ids.iter().filter(|id| !self.waiting.contains(id)) {
            blocks
                .entry(block_of(*id))
                .or_insert_with(Ids::empty)
                .set(*id);
        }
        let (blocks, pieces) = (blocks.into_iter().collect::<Vec<_>>(), self.pieces());
        let mut having = HashSet::new();
        for some in blocks.chunks(MAX_BLOCKS) {
            having.extend(self.having_all(some.to_vec(), &pieces).await?);
        }
        Ok(having)
    }
}
