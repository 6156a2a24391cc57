//! A walk as a page: it plays by itself, loads nothing, and shows what the walk shows.

use eigenstep::{
    error::Source,
    record::{
        headless_recorder::{play, record},
        page::Reel,
        palette::DARK,
        player::Player,
        screen::{self, Appearance},
        walk::Walk,
    },
};
use serde_json::Value;
use std::sync::Arc;

const WALK: &str = r#"title "A </script><b>title</b> & more"
size 80x24
scenario --rule adam --set eta=eta_opt
mark "One <i>chapter</i>"
say "Step."
step 12
"#;

fn page() -> String {
    let walk = Walk::parse(&Source::new("a.walk", WALK)).unwrap();
    let walk = Arc::new(walk);
    let mut reel = Reel::new(walk.size);
    play(Player::new(walk.clone()), Appearance::default(), &mut reel).unwrap();
    reel.page(&walk.title, &DARK)
}

/// The data of the player.
fn data_of(page: &str) -> Value {
    let (_, data) = page.split_once("const film = ").unwrap();
    let (data, _) = data.split_once(";\n").unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn its_last_picture_is_the_screen_cell_by_cell() {
    let film = data_of(&page());
    let mut lines = vec![String::new(); 24];
    for picture in film["pictures"].as_array().unwrap() {
        for change in picture[1].as_array().unwrap().chunks(2) {
            let at = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
            let pieces = film["rows"][at(&change[1])].as_array().unwrap();
            lines[at(&change[0])] = pieces.iter().map(|it| it[2].as_str().unwrap()).collect();
            for piece in pieces {
                let cells = piece[2].as_str().unwrap().chars().count();
                assert_eq!(piece[1], Value::from(cells));
            }
        }
    }
    let walk = Walk::parse(&Source::new("a.walk", WALK)).unwrap();
    let filmed = record(Player::new(Arc::new(walk)), Appearance::default()).unwrap();
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    assert_eq!(trimmed, screen::rows(filmed.shown()));
    assert!(trimmed[0].contains(" t 12 "), "{}", trimmed[0]);
    assert_eq!(film["chapters"][0][1], "One <i>chapter</i>");
}

#[test]
fn what_somebody_else_wrote_is_text_in_it_and_nothing_is_loaded() {
    let page = page();
    assert_eq!(page.matches("</script>").count(), 1, "the player's own");
    assert!(!page.contains("<b>") && !page.contains("<i>"));
    assert!(page.contains("<title>A &lt;/script&gt;&lt;b&gt;title&lt;/b&gt; &amp; more</title>"));
    for outside in [
        "http://",
        "https://",
        "src=",
        "url(",
        "@import",
        "innerHTML",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}
