//! Zip containers written by hand, so that each of their words can be false.

/// A part as it is told twice: before it, and in the list at the end.
#[derive(Clone)]
pub struct Part {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub crc: u32,
    pub size: u32,
    /// The header before the part, where it says something else.
    pub local: Option<Box<Part>>,
    /// Where the list at the end says that the part is, where that is not so.
    pub place: Option<u32>,
}

/// A part that is stored as it is and says the truth.
pub fn part(name: &str, content: &[u8]) -> Part {
    Part {
        name: name.as_bytes().to_vec(),
        content: content.to_vec(),
        method: 0,
        flags: 0,
        crc: crc32(content),
        size: u32::try_from(content.len()).unwrap(),
        local: None,
        place: None,
    }
}

impl Part {
    /// The same part, which says something else before its content.
    pub fn but_locally(mut self, change: impl FnOnce(&mut Part)) -> Part {
        let mut local = self.clone();
        change(&mut local);
        self.local = Some(Box::new(local));
        self
    }

    fn packed(&self) -> u32 {
        u32::try_from(self.content.len()).unwrap()
    }

    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for short in [20, self.flags, self.method, 0, 33] {
            out.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.packed(), self.size] {
            out.extend(long.to_le_bytes());
        }
        out.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        out.extend([0, 0]);
        out
    }
}

/// All parts, the list of them and the end.
pub fn container(parts: &[Part]) -> Vec<u8> {
    with_end(parts, b"", u16::try_from(parts.len()).unwrap())
}

/// The same with a comment and another number of parts.
pub fn with_end(parts: &[Part], comment: &[u8], count: u16) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for part in parts {
        let place = part.place.unwrap_or(u32::try_from(out.len()).unwrap());
        let local = part.local.as_deref().unwrap_or(part);
        if part.place.is_none() {
            out.extend(b"PK\x03\x04");
            out.extend(local.fields());
            out.extend(&local.name);
            out.extend(&part.content);
        }
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(part.fields());
        list.extend([0; 10]);
        list.extend(place.to_le_bytes());
        list.extend(&part.name);
    }
    let place = u32::try_from(out.len()).unwrap();
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
    out.extend(place.to_le_bytes());
    out.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    out.extend(comment);
    out
}

fn crc32(content: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !content.iter().fold(u32::MAX, step)
}
