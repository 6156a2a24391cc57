//! More parameters than there are columns: which of them are shown, and all of them at a glance.

use super::stage::screen;

const NETWORK: [&str; 1] = ["loss=mlp"];
const SIZE: (u16, u16) = (120, 36);

/// The names of the columns of the listing.
fn names(shown: &str) -> Vec<&str> {
    let title = shown.lines().nth(1).unwrap();
    let (_, columns) = title.split_once(".rule").unwrap();
    let words = columns.split([' ', '-']);
    words
        .filter(|word| word.starts_with('w') && word.len() > 1)
        .collect()
}

#[test]
fn columns_move_one_parameter_at_a_time_and_stop_at_the_ends() {
    let first = names(&screen(&NETWORK, SIZE, "")).join(" ");
    assert!(first.starts_with("w1 w2 w3"), "{first}");
    assert_eq!(names(&screen(&NETWORK, SIZE, ">>>>>"))[0], "w6");
    assert_eq!(names(&screen(&NETWORK, SIZE, "5>2<"))[0], "w4");
    assert_eq!(
        names(&screen(&NETWORK, SIZE, ":view columns 99<enter>")),
        ["w25"]
    );
    assert_eq!(
        names(&screen(&NETWORK, SIZE, ":view columns -9<enter>"))[0],
        "w1"
    );
}

#[test]
fn columns_are_chosen_by_index_and_sorted_by_the_size_of_any_vector() {
    let chosen = screen(&NETWORK, SIZE, "20n:view only 25 3 1<enter>");
    assert_eq!(names(&chosen), ["w25", "w3", "w1"]);
    for by in ["grad", "step", "m_hat/sqrt(s_hat)"] {
        let keys = format!("20n:view sort {by}<enter>:print argmax(abs({by}))<enter>");
        let shown = screen(&NETWORK, SIZE, &keys);
        let (_, largest) = shown.split_once(&format!("argmax(abs({by})) = ")).unwrap();
        let largest = largest.split_whitespace().next().unwrap();
        assert_eq!(names(&shown)[0], format!("w{largest}"), "{by}");
    }
    let back = screen(
        &NETWORK,
        SIZE,
        ":view sort grad<enter>:view sort name<enter>",
    );
    assert_eq!(names(&back)[0], "w1");
    assert!(screen(&NETWORK, SIZE, ":view sort loss<enter>").contains("not an element for each w"));
    assert!(screen(&NETWORK, SIZE, ":view only 26<enter>").contains("there is no w[26]"));
}

#[test]
fn a_vector_is_summed_up_by_its_norm_its_quantiles_and_its_spread() {
    let shown = screen(&NETWORK, SIZE, "20nv");
    for word in [" norm ", " median ", " max ", " spread "] {
        assert!(shown.contains(word), "{word}\n{shown}");
    }
    let gradient = shown
        .lines()
        .find(|line| line.contains("g     = grad(w)"))
        .unwrap();
    // norm(grad) and max(grad) after 20 iterations.
    assert!(
        gradient.contains(" 0.3659") && gradient.contains(" 0.0552"),
        "{gradient}"
    );
    assert!(!screen(&NETWORK, SIZE, "20nvv").contains(" spread "));
}
