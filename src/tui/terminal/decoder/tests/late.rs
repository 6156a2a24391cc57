//! What comes late, or never: pauses within sequences, sequences and pastes without an end.

use super::*;

#[test]
fn esc_is_a_key_if_nothing_follows_in_time() {
    let mut decoder = decoder();
    assert_eq!(decoder.feed(b"\x1b"), []);
    assert_eq!(decoder.patience(), Some(Duration::from_millis(50)));
    assert_eq!(decoder.expire(), [key(KeyCode::Esc)]);
    assert_eq!(decoder.feed(b"x"), [key(KeyCode::Char('x'))]);
    assert_eq!(decode([b"\x1b\x1b".as_slice()]), vec![key(KeyCode::Esc); 2]);
    assert_eq!(
        decode([b"\x1b[".as_slice()]),
        [with(ALT, KeyCode::Char('['))]
    );
}

#[test]
fn what_comes_too_late_to_be_one_key_is_not_taken_for_several() {
    for rest in REPLIES
        .map(|reply| &reply[1..])
        .into_iter()
        .chain(["[C", "OA", "[1;5D"])
    {
        let mut decoder = decoder();
        decoder.feed(b"\x1b");
        assert_eq!(decoder.expire(), [key(KeyCode::Esc)]);
        if rest.starts_with(['[', 'O', ']', 'P']) {
            assert_eq!(decoder.feed(rest.as_bytes()), [], "{rest:?}");
        }
        decoder.expire();
    }
    // A moment later it is what was typed.
    let mut decoder = decoder();
    decoder.feed(b"\x1b");
    decoder.expire();
    decoder.expire();
    assert_eq!(decoder.feed(b"[C").len(), 2);
}

/// A slow line: a pause that is longer than the decoder waits, anywhere after the first byte, and what follows it at once
/// or byte by byte.
#[test]
fn a_reply_that_stands_still_in_the_middle_runs_no_command() {
    let ground = [
        "\x1b]11;rgb:0000/0000/0000\x07",
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
    ];
    for reply in REPLIES.into_iter().chain(ground) {
        let whole = reply.as_bytes();
        for cut in 1..whole.len() {
            let (before, after) = whole.split_at(cut);
            for size in [after.len(), 1] {
                let mut decoder = decoder();
                let mut inputs = decoder.feed(before);
                inputs.extend(decoder.expire());
                for piece in after.chunks(size) {
                    inputs.extend(decoder.feed(piece));
                }
                inputs.retain(|input| !matches!(input, Input::Ground(_)));
                // What has come so far may be Esc, or Alt with a key; nobody knows better.
                let alone: &[Input] = match before {
                    [ESC] => &[key(KeyCode::Esc)],
                    [ESC, byte] => &[with(ALT, KeyCode::Char(char::from(*byte)))],
                    _ => &[],
                };
                // The introducers of strings that no terminal answers with are no keys after Esc, but none runs anything.
                assert_eq!(inputs, alone, "{reply:?} cut at {cut}, then by {size}");
                decoder.expire();
                assert_eq!(decoder.feed(b"q"), [key(KeyCode::Char('q'))], "{reply:?}");
            }
        }
    }
}

#[test]
fn a_paste_that_stands_still_is_still_one() {
    let mut decoder = decoder();
    let mut inputs = decoder.feed(b"\x1b[200~step 3");
    inputs.extend(decoder.expire());
    inputs.extend(decoder.feed(b"qqq\x1b[201~"));
    let expected = ["step 3", "qqq"].map(|text| Input::Paste(text.to_owned()));
    assert_eq!(inputs, expected);
}

#[test]
fn keys_typed_after_a_sequence_without_an_end_are_keys() {
    for begun in ["\x1b]", "\x1b]11;rgb", "\x1bP1$r", "\x1b[200~text"] {
        let mut decoder = decoder();
        decoder.feed(begun.as_bytes());
        decoder.expire();
        decoder.feed(b"n");
        assert_eq!(decoder.expire(), [key(KeyCode::Char('n'))], "{begun:?}");
        assert_eq!(decoder.feed(b"n"), [key(KeyCode::Char('n'))], "{begun:?}");
    }
}

/// After a pause no key that no terminal would end its sequence with is lost, and a letter that would is its end.
#[test]
fn keys_typed_after_parameters_without_an_end_are_keys() {
    let texts = [
        "n", "s", " ", "q", "N", "c", "5", ":", "/", "\u{e9}", "\r", "\x7f", "\x1b[A",
    ];
    for begun in ["\x1b[1;", "\x1b[15", "\x1b[?1;", "\x1b[>4", "\x1b[<3;4"] {
        for text in texts {
            let completes = is_sent(&[&begun.as_bytes()[2..], text.as_bytes()].concat())
                && text.as_bytes()[0].is_ascii_alphabetic();
            let mut decoder = decoder();
            decoder.feed(begun.as_bytes());
            assert_eq!(decoder.expire(), []);
            let mut inputs = decoder.feed(text.as_bytes());
            if decoder.patience() == Some(TOGETHER) {
                inputs.extend(decoder.expire());
            }
            let expected = if completes { vec![] } else { vec![typed(text)] };
            assert_eq!(inputs, expected, "{begun:?} then {text:?}");
            assert_eq!(
                decoder.feed(b"q"),
                [key(KeyCode::Char('q'))],
                "{begun:?} then {text:?}"
            );
        }
    }
    for (begun, text) in [
        ("\x1b[1;", "n"),
        ("\x1b[1;", " "),
        ("\x1b[?12", "s"),
        ("\x1b[24;80", "c"),
    ] {
        let mut decoder = decoder();
        decoder.feed(begun.as_bytes());
        decoder.expire();
        let mut inputs = decoder.feed(text.as_bytes());
        inputs.extend(decoder.expire());
        assert_eq!(inputs, [typed(text)], "{begun:?} then {text:?}");
    }
}

/// The one key that a text is.
fn typed(text: &str) -> Input {
    let mut inputs = decode([text.as_bytes()]);
    let only = inputs.pop().unwrap();
    assert_eq!(inputs, []);
    only
}

/// Whatever a terminal sends is known for that at every byte.
#[test]
fn the_beginnings_of_keys_and_replies_are_known() {
    let keys = keys();
    let keys = keys.iter().map(|(bytes, _)| *bytes);
    let all = keys
        .chain(REPLIES)
        .filter_map(|it| it.strip_prefix("\x1b["));
    let mut seen = 0;
    for bytes in all.filter(|it| !it.contains('\x1b')) {
        for to in 0..=bytes.len() {
            assert!(is_sent(&bytes.as_bytes()[..to]), "{bytes:?} to {to}");
            seen += 1;
        }
    }
    assert!(seen > 100);
}

#[test]
fn a_sequence_that_lost_its_end_does_not_swallow_what_is_typed_later() {
    for begun in [
        "\x1b[",
        "\x1b[?12",
        "\x1b]0;title",
        "\x1bP1$r",
        "\x1b_G",
        "\x1b[200~text",
        "\x1bO",
    ] {
        let mut decoder = decoder();
        decoder.feed(begun.as_bytes());
        while decoder.patience().is_some() {
            decoder.expire();
        }
        assert_eq!(decoder.feed(b"q"), [key(KeyCode::Char('q'))], "{begun:?}");
    }
}
