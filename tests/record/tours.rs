//! The bundled tours: true, short, and every number in them computed.

use eigenstep::record::{
    cast::EventCode,
    check::check,
    screen::Looks,
    tours,
    walk::{Action, text::Part},
};

#[test]
fn the_tours_tell_the_whole_story() {
    let expected = [
        "too-far",
        "oscillation",
        "condition",
        "momentum",
        "nesterov",
        "adaptive",
        "adam",
        "settled",
        "turned",
        "burst",
        "dialects",
    ];
    assert_eq!(tours::names(), expected);
}

#[test]
fn what_they_expect_is_so() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        match check(&walk) {
            Ok(checked) => assert!(checked.expectations >= 5, "{name} expects too little"),
            Err(fault) => panic!("{fault}"),
        }
    }
}

#[test]
fn every_number_that_they_say_is_computed() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        for step in &walk.steps {
            let Action::Say(text) = &step.action else {
                continue;
            };
            let plain: String = text
                .parts
                .iter()
                .map(|part| match part {
                    Part::Plain(text) => text.as_str(),
                    Part::Value(..) => "",
                })
                .collect();
            // Code between back quotes has its indices.
            let spoken: String = plain.split('`').step_by(2).collect();
            assert!(
                !spoken.contains(|c: char| c.is_ascii_digit()),
                "{name}: a number of its own in {spoken:?}"
            );
        }
    }
}

#[test]
fn each_takes_one_to_two_minutes_and_has_chapters() {
    for (name, walk, film) in &*super::FILMS {
        let seconds = film.clock() / 1000;
        assert!((60..=120).contains(&seconds), "{name} takes {seconds} s");
        assert!(walk.chapters().len() >= 3, "{name}");
        let presses = film
            .events()
            .iter()
            .filter(|it| it.kind == EventCode::Input);
        assert!(presses.count() >= 3, "{name} presses no keys");
    }
}

#[test]
fn captions_are_short() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        let mut app = eigenstep::record::screen::open_walk(&walk, Looks::default()).unwrap();
        eigenstep::record::player::Player::new(walk).begin(&mut app);
        let room = app.caption.unwrap().room;
        assert!(room <= 3, "{name} has a caption of {room} lines");
    }
}

#[test]
fn the_list_names_them_in_order() {
    let list = super::printed(&["tour"]);
    let names: Vec<&str> = list
        .lines()
        .map(|line| line.split_whitespace().nth(1).unwrap())
        .collect();
    assert_eq!(names, tours::names());
    assert!(list.lines().next().unwrap().ends_with("A step too far"));
}

#[test]
fn a_tour_that_is_not_there_is_told() {
    let output = super::eigenstep(&["record", "momentun"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("did you mean `momentum`?"), "{errors}");
}
