//! Bytes in pieces of every size and at every pace, and the keys that come of them.

mod late;

use super::*;
use crate::tui::{
    key::{KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind},
    theme::Background,
};
use proptest::prelude::*;

fn decoder() -> Decoder {
    Decoder::new(Duration::from_millis(50))
}

/// Decodes bytes that come in these pieces, with nothing after them.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Input> {
    let mut decoder = decoder();
    let mut inputs = Vec::new();
    for piece in pieces {
        inputs.extend(decoder.feed(piece));
    }
    while decoder.patience().is_some() {
        inputs.extend(decoder.expire());
    }
    inputs
}

fn key(code: KeyCode) -> Input {
    Input::Key(code.into())
}

fn with(modifiers: KeyModifiers, code: KeyCode) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;

/// Keys, and the bytes that terminals send for them.
fn keys() -> Vec<(&'static str, Input)> {
    use KeyCode as K;
    vec![
        ("n", key(K::Char('n'))),
        ("N", key(K::Char('N'))),
        (" ", key(K::Char(' '))),
        ("\u{e9}", key(K::Char('\u{e9}'))),
        ("\u{65e5}", key(K::Char('\u{65e5}'))),
        ("\u{1f600}", key(K::Char('\u{1f600}'))),
        ("\r", key(K::Enter)),
        ("\t", key(K::Tab)),
        ("\x7f", key(K::Backspace)),
        ("\x08", with(CONTROL, K::Char('h'))),
        ("\x01", with(CONTROL, K::Char('a'))),
        ("\x1a", with(CONTROL, K::Char('z'))),
        ("\x18", with(CONTROL, K::Char('x'))),
        ("\0", with(CONTROL, K::Char(' '))),
        ("\x1f", with(CONTROL, K::Char('_'))),
        ("\x1bx", with(ALT, K::Char('x'))),
        ("\x1b.", with(ALT, K::Char('.'))),
        ("\x1b\u{e9}", with(ALT, K::Char('\u{e9}'))),
        ("\x1b\x7f", with(ALT, K::Backspace)),
        ("\x1b\r", with(ALT, K::Enter)),
        ("\x1b[A", key(K::Up)),
        ("\x1b[B", key(K::Down)),
        ("\x1b[C", key(K::Right)),
        ("\x1b[D", key(K::Left)),
        ("\x1bOA", key(K::Up)),
        ("\x1bOD", key(K::Left)),
        ("\x1b[H", key(K::Home)),
        ("\x1b[F", key(K::End)),
        ("\x1bOH", key(K::Home)),
        ("\x1b[1~", key(K::Home)),
        ("\x1b[4~", key(K::End)),
        ("\x1b[7~", key(K::Home)),
        ("\x1b[2~", key(K::Insert)),
        ("\x1b[3~", key(K::Delete)),
        ("\x1b[5~", key(K::PageUp)),
        ("\x1b[6~", key(K::PageDown)),
        ("\x1b[Z", key(K::BackTab)),
        ("\x1bOP", key(K::F(1))),
        ("\x1bOR", key(K::F(3))),
        ("\x1b[[C", key(K::F(3))),
        ("\x1b[15~", key(K::F(5))),
        ("\x1b[24~", key(K::F(12))),
        ("\x1b[1;5C", with(CONTROL, K::Right)),
        ("\x1b[1;3D", with(ALT, K::Left)),
        ("\x1b[1;2A", key(K::Up)),
        ("\x1b[3;5~", with(CONTROL, K::Delete)),
        ("\x1b\x1b[D", with(ALT, K::Left)),
        ("\x1bOd", with(CONTROL, K::Left)),
        ("\x1b[97;5u", with(CONTROL, K::Char('a'))),
        ("\x1b[27;5;97~", with(CONTROL, K::Char('a'))),
        ("\x1b[27u", key(K::Esc)),
        ("\x1bOM", key(K::Enter)),
        (
            "\x1b[<0;5;7M",
            Input::Mouse(MouseEvent {
                kind: MouseEventKind::Down(MouseButton::Left),
                column: 4,
                row: 6,
            }),
        ),
        (
            "\x1b[200~a\rb\x1b[A\x1b[201~",
            Input::Paste("a\rb\x1b[A".into()),
        ),
    ]
}

#[test]
fn the_terminals_ground_is_heard_however_its_reply_ends_and_is_cut() {
    for end in ["\x07", "\x1b\\"] {
        let reply = format!("\x1b]11;rgb:ffff/ffff/ffff{end}");
        for cut in 1..reply.len() {
            let mut decoder = decoder();
            let mut inputs = decoder.feed(&reply.as_bytes()[..cut]);
            inputs.extend(decoder.feed(&reply.as_bytes()[cut..]));
            inputs.extend(decoder.feed(b"n"));
            let key = KeyEvent::new(KeyCode::Char('n'), KeyModifiers::NONE);
            let expected = [Input::Ground(Background::Light), Input::Key(key)];
            assert_eq!(inputs, expected, "cut at {cut}");
        }
    }
}

/// Replies of terminals to queries that somebody may have sent, and reports that nobody asked for.
const REPLIES: [&str; 34] = [
    "\x1b[?1;2c",
    "\x1b[?62;1;6;9;15;22c",
    "\x1b[>0;10;1c",
    "\x1b[>41;354;0c",
    "\x1b[=0c",
    "\x1bP!|00000000\x1b\\",
    "\x1b[0n",
    "\x1b[3n",
    "\x1b[24;80R",
    "\x1b[1;2R",
    "\x1b[?24;80;1R",
    "\x1b[?2026;2$y",
    "\x1b[?2004;1$y",
    "\x1b[4;2$y",
    "\x1b[8;24;80t",
    "\x1b[4;480;640t",
    "\x1b[6;20;10t",
    "\x1b[9;50;160t",
    "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]12;rgb:0000/0000/0000\x07",
    "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    "\x1b]52;c;cXVpdA==\x07",
    "\x1b]lquit\x1b\\",
    "\x1bP>|XTerm(354)\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1bP0+r\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b[?0u",
    "\x1b[?1u",
    "\x1b[I",
    "\x1b[O",
    "\x1b[2;1;1;112;112;1;0x",
    "\x1b[97;1:3u",
];

#[test]
fn keys_are_known_by_what_terminals_send_cut_anywhere() {
    for (bytes, expected) in keys() {
        let whole = bytes.as_bytes();
        for cut in 0..=whole.len() {
            let (before, after) = whole.split_at(cut);
            // By itself Ctrl-C is always Ctrl-C.
            assert_eq!(
                decode([before, after]),
                std::slice::from_ref(&expected),
                "{bytes:?} cut at {cut}"
            );
        }
        let single: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(decode(single), [expected], "{bytes:?} byte by byte");
    }
}

#[test]
fn replies_are_no_keys_wherever_they_are_cut_and_whatever_is_around_them() {
    for reply in REPLIES {
        let whole = reply.as_bytes();
        for cut in 0..=whole.len() {
            let (before, after) = whole.split_at(cut);
            assert_eq!(decode([before, after]), [], "{reply:?} cut at {cut}");
            let around = decode([b"a".as_slice(), before, after, b"b\x1b[A"]);
            let expected = [
                key(KeyCode::Char('a')),
                key(KeyCode::Char('b')),
                key(KeyCode::Up),
            ];
            assert_eq!(around, expected, "{reply:?} cut at {cut}");
        }
        let single: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(decode(single), [], "{reply:?} byte by byte");
        for cut in 0..whole.len() {
            let mut decoder = decoder();
            decoder.feed(&whole[..cut]);
            let last = decoder.feed(&[CTRL_C]);
            assert_eq!(
                last.last(),
                Some(&with(CONTROL, KeyCode::Char('c'))),
                "{reply:?} to {cut}"
            );
            assert_eq!(decoder.feed(b"q"), [key(KeyCode::Char('q'))]);
        }
    }
}

#[test]
fn a_paste_is_one_thing_whatever_is_in_it() {
    for text in [
        "",
        "q",
        "a\nb\tc",
        "\x1b[A\x1b\x1bx",
        "\x1b[201",
        "\u{65e5}\u{672c}",
        "\x1b[200~",
    ] {
        let bytes = format!("\x1b[200~{text}\x1b[201~q");
        for size in [1, 2, 3, 7, 100] {
            let pieces: Vec<&[u8]> = bytes.as_bytes().chunks(size).collect();
            let expected = [Input::Paste(text.to_owned()), key(KeyCode::Char('q'))];
            assert_eq!(decode(pieces), expected, "{text:?} in pieces of {size}");
        }
    }
}

#[test]
fn a_console_key_is_one_of_five_and_whatever_else_follows_is_none() {
    assert_eq!(decode([b"\x1b[[A".as_slice()]), [key(KeyCode::F(1))]);
    assert_eq!(decode([b"\x1b[[E".as_slice()]), [key(KeyCode::F(5))]);
    for other in ["\x1b[[@", "\x1b[[F", "\x1b[[\u{e9}"] {
        assert_eq!(decode([other.as_bytes()]), [], "{other:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Keys typed between replies are heard in order, and nothing else, however the bytes are cut.
    #[test]
    fn keys_among_replies_are_heard_and_nothing_else(
        picks in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 0..12),
        sizes in prop::collection::vec(1..9_usize, 1..40),
    ) {
        let keys = keys();
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for (is_key, pick) in picks {
            if is_key {
                let (text, input) = &keys[pick.index(keys.len())];
                bytes.extend_from_slice(text.as_bytes());
                expected.push(input.clone());
            } else {
                bytes.extend_from_slice(REPLIES[pick.index(REPLIES.len())].as_bytes());
            }
        }
        let (mut rest, mut pieces) = (&bytes[..], Vec::new());
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(decode(pieces), expected);
    }

    /// After any bytes at all Ctrl-C is heard at once, and the next key is a key.
    #[test]
    fn nothing_keeps_ctrl_c_from_being_heard(
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>(),
            prop::sample::select(b"\x1b\x1b[]OPX^_?;0123456789~\\\x07\x18".to_vec()),
        ], 0..60),
    ) {
        let mut decoder = decoder();
        decoder.feed(&bytes);
        let heard = decoder.feed(&[CTRL_C]);
        prop_assert_eq!(heard.last(), Some(&with(CONTROL, KeyCode::Char('c'))));
        prop_assert_eq!(decoder.feed(b"q"), vec![key(KeyCode::Char('q'))]);
    }
}

#[test]
fn alt_is_of_the_byte_after_esc_alone_even_if_that_is_no_key() {
    for byte in 0x80..=0xff_u8 {
        let mut decoder = decoder();
        assert_eq!(decoder.feed(&[0x1b, byte]), []);
        while decoder.patience().is_some() {
            decoder.expire();
        }
        assert_eq!(decoder.feed(b"n"), [key(KeyCode::Char('n'))], "{byte:#x}");
    }
}

#[test]
fn a_report_of_the_mouse_that_is_cut_short_swallows_no_key() {
    for cut in [
        &b"\x1b[M\x1a"[..],
        b"\x1b[M!\x18",
        b"\x1b[[\x1a",
        b"\x1b[M!!",
    ] {
        let mut decoder = decoder();
        decoder.feed(cut);
        while decoder.patience().is_some() {
            decoder.expire();
        }
        assert_eq!(decoder.feed(b"n"), [key(KeyCode::Char('n'))], "{cut:?}");
    }
}

/// Two million bytes, most of them such as sequences are made of.
#[test]
fn random_bytes_never_take_the_decoder_out_of_its_way() {
    const ALPHABET: &[u8] =
        b"\x1b\x1b\x1b[[]OPX^_?<>=;:$0123456789~MRmcnuAZ\\\x07\x18\x1a\x03\x7f\xc3\xa9\xff q";
    let mut decoder = decoder();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut heard = 0;
    for _ in 0..4_000 {
        let piece: Vec<u8> = (0..500)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = usize::try_from(state >> 33).unwrap();
                ALPHABET[at % ALPHABET.len()]
            })
            .collect();
        let inputs = decoder.feed(&piece);
        heard += inputs.len();
        assert!(inputs.len() <= piece.len() + 2);
        if state.is_multiple_of(3) {
            decoder.expire();
        }
    }
    assert!(heard > 100_000);
    decoder.feed(&[CTRL_C]);
    assert_eq!(decoder.feed(b"q"), [key(KeyCode::Char('q'))]);
}
