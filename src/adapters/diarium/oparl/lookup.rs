//! Single objects that lists only give addresses of, and the addresses themselves.

use serde_json::Value;

use super::Oparl;
use super::concern::Concern;
use super::gathered::Gathered;
use super::json::parsed;
use super::wire;
use crate::domain::Fault;
use crate::ports::RecordKind;

/// So many organs outside the lists are asked for in one sync.
const ORGANS_MAX: usize = 200;

impl Oparl {
    /// A link made whole. Servers behind a proxy that speaks TLS for them often write `http` for themselves.
    pub(super) fn linked(&self, base: &str, link: &str) -> Result<String, Fault> {
        let safe = upgraded(link).filter(|_| self.url.starts_with("https://"));
        safe.and_then(|link| self.http.joined(base, &link).ok()).map_or_else(|| self.http.joined(base, link), Ok)
    }

    /// Memberships that persons only give addresses of.
    pub(super) async fn named_memberships(&mut self, base: &str, gathered: &mut Gathered) -> Result<(), Fault> {
        for (address, person) in gathered.memberships_to_fetch() {
            match self.object(base, &address).await?.filter(|object| wire::is_of(RecordKind::Membership, object)) {
                Some(object) => gathered.fetched_membership(&address, &object, person.as_deref()),
                None => gathered.concern(Concern::NotFetched),
            }
        }
        Ok(())
    }

    /// Organs that no list showed: only they themselves say whether they are a party's. An organ that cannot be had leaves
    /// what names it as it is: the kommun's settings may know its id.
    pub(super) async fn named_organs(&mut self, base: &str, gathered: &mut Gathered) -> Result<(), Fault> {
        for address in gathered.organs_to_fetch().into_iter().take(ORGANS_MAX) {
            match self.object(base, &address).await {
                Ok(Some(object)) if wire::is_of(RecordKind::Organization, &object) => {
                    gathered.organ_at(&address, &object);
                }
                Ok(_) => {}
                // It would be the same for the others, after as many tries.
                Err(Fault::Temporary(_)) => return Ok(()),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// The object at an address; none where the server has none, does not show it, or it is another server's.
    pub(super) async fn object(&mut self, base: &str, address: &str) -> Result<Option<Value>, Fault> {
        if !wire::is_address(address) {
            return Ok(None);
        }
        let Ok(address) = self.linked(base, address) else { return Ok(None) };
        let answer = match self.http.get(&address).await {
            Ok(answer) if (200..300).contains(&answer.status) => answer,
            // The credentials are good for the lists: this one object is not public.
            Ok(_) | Err(Fault::Input(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let object = parsed(&answer.body).map_err(|wrong| self.fault(&format!("an object {wrong}")))?;
        Ok(match object {
            Value::Array(objects) => objects.into_iter().find(Value::is_object),
            object => Some(object).filter(|object| object.is_object() && !wire::is_error(object)),
        })
    }
}

/// An address with TLS instead of without, at the ports that go without saying.
fn upgraded(link: &str) -> Option<String> {
    let rest =
        link.trim().get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://")).and(link.trim().get(7..))?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    Some(format!("https://{}{path}", host.strip_suffix(":80").unwrap_or(host)))
}

#[cfg(test)]
mod tests {
    use super::upgraded;

    #[test]
    fn only_the_scheme_of_an_address_is_upgraded() {
        let cases = [
            ("http://host/oparl?page=2", Some("https://host/oparl?page=2")),
            ("HTTP://HOST:80/oparl", Some("https://HOST/oparl")),
            ("http://host:8080/oparl", Some("https://host:8080/oparl")),
            ("http://host?page=2", Some("https://host?page=2")),
            ("https://host/", None),
            ("/oparl?page=2", None),
            ("åäöåäö", None),
        ];
        for (link, expect) in cases {
            assert_eq!(upgraded(link).as_deref(), expect, "{link}");
        }
    }
}
