//! Where keyframes are, whatever room there is for them.

use super::*;
use crate::{
    debugger::{Lane, machine::Position},
    loss, rule,
};
use proptest::prelude::*;

/// Adam in the valley, with room for so many frames.
fn lane(most: usize) -> Lane {
    let loss = loss::landscape("valley", None).unwrap_or_else(|error| panic!("{error}"));
    let rule = rule::load("adam").unwrap_or_else(|error| panic!("{error}"));
    let compiled = rule.compile(2).unwrap_or_else(|error| panic!("{error}"));
    let mut lane = Lane::new(
        Arc::new(compiled),
        &loss,
        None,
        vec![1e-3, 0.9, 0.999, 1e-8],
    );
    lane.timeline_mut().frames.most = most;
    lane
}

/// Iterations that are run to come to `t` from elsewhere.
fn work(lane: &Lane, t: u64) -> u64 {
    lane.timeline().place(t).map_or(0, |place| t - place.t)
}

fn bits(lane: &Lane) -> Vec<u64> {
    let machine = lane.machine();
    let numbers = machine.variables().iter().copied();
    let numbers = numbers.chain([machine.setting(0), machine.loss()]);
    numbers.map(f64::to_bits).collect()
}

#[derive(Debug, Clone, Copy)]
enum Move {
    Run(u64),
    Back(u64),
    Lines(usize),
    Jump(u64),
    Look(u64),
    Undo,
    Set(u32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (1..400_u64).prop_map(Move::Run),
        (1..20_u64).prop_map(Move::Back),
        (1..10_usize).prop_map(Move::Lines),
        (0..1000_u64).prop_map(Move::Jump),
        (0..1000_u64).prop_map(Move::Look),
        Just(Move::Undo),
        (1..9_u32).prop_map(Move::Set),
    ];
    proptest::collection::vec(one, 1..24)
}

fn walk(lane: &mut Lane, step: Move) {
    let here = lane.position();
    let frontier = lane.timeline().frontier();
    match step {
        Move::Run(count) => {
            lane.drop_anchor();
            lane.seek(Position::at(here.t + count), |_| true);
        }
        Move::Back(count) => {
            lane.seek(Position::at(here.t.saturating_sub(count)), |_| true);
        }
        Move::Lines(count) => (0..count).for_each(|_| {
            lane.line();
        }),
        Move::Jump(share) => {
            lane.seek(Position::at(frontier * share / 1000), |_| true);
        }
        Move::Look(share) => {
            lane.in_the_past(|lane| lane.seek(Position::at(frontier * share / 1000), |_| true));
        }
        Move::Undo => {
            lane.undo(&mut |_| true);
        }
        Move::Set(value) => {
            lane.seek(Position::at(frontier), |_| true);
            if !lane.is_newest() {
                return;
            }
            lane.edit(crate::debugger::Change::Setting {
                setting: 0,
                value: 1e-3 * f64::from(value),
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn with_little_room_all_places_are_what_a_straight_run_makes_them(most in 6..40_usize, moves in moves()) {
        let mut lane = lane(most);
        for step in moves {
            walk(&mut lane, step);
            let frames = &lane.timeline().frames;
            prop_assert!(frames.frames.len() + frames.spare.len() <= most);
            prop_assert!(frames.frames.windows(2).all(|pair| pair[0].t < pair[1].t));
        }
        let mut straight = self::lane(MOST);
        for edit in lane.edits() {
            while straight.position() < edit.position {
                straight.line();
            }
            straight.edit(edit.change.clone());
        }
        let here = lane.position();
        if straight.position() > here {
            straight.seek(Position::at(0), |_| true);
        }
        while straight.position() < here {
            straight.line();
        }
        prop_assert_eq!(bits(&lane), bits(&straight));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn what_comes_before_a_place_is_near(most in 24..200_usize, length in 100..30_000_u64) {
        let mut lane = lane(most);
        lane.seek(Position::at(length), |_| true);
        for back in 1..16 {
            let t = length - back;
            prop_assert!(work(&lane, t) <= LONGEST_INTERVAL, "{} from {}", work(&lane, t), t);
            lane.seek(Position::at(t), |_| true);
        }
    }

    #[test]
    fn with_little_room_too_all_of_the_last_places_are_near(
        most in 36..60_usize,
        length in 1000..6000_u64,
        looks in proptest::collection::vec(1..190_u64, 1..40),
    ) {
        look_back(most, length, &looks);
    }

    #[test]
    fn with_much_room_no_place_is_far(length in 50_000..200_000_u64) {
        let mut lane = lane(1024);
        lane.seek(Position::at(length), |_| true);
        let worst = (0..length).step_by(97).map(|t| work(&lane, t)).max();
        prop_assert!(worst <= Some(length / 128), "{:?} of {}", worst, length);
    }
}

#[test]
fn jumps_in_a_row_are_not_far_from_a_frame_with_little_room() {
    let length = 20_000;
    let mut lane = lane(80);
    lane.timeline_mut().frames.interval = INTERVAL;
    lane.seek(Position::at(length), |_| true);
    let mut works = Vec::new();
    for jump in 1..=40 {
        let t = jump * 7919 % length;
        works.push(work(&lane, t));
        lane.seek(Position::at(t), |_| true);
    }
    let worst = works.iter().max();
    assert!(worst <= Some(&(length / 12)), "{works:?}");
    assert!(works.iter().sum::<u64>() <= length, "{works:?}");
}

/// Goes back from the end of a run to places that have to be near a frame.
fn look_back(most: usize, length: u64, looks: &[u64]) {
    let mut lane = lane(most);
    lane.timeline_mut().frames.interval = INTERVAL;
    lane.seek(Position::at(length), |_| true);
    for back in looks {
        let t = length - back;
        assert!(work(&lane, t) <= INTERVAL, "{} from {t}", work(&lane, t));
        lane.seek(Position::at(t), |_| true);
    }
}

#[test]
fn the_oldest_of_the_last_places_is_as_near_as_the_others() {
    let looks = [
        7, 64, 91, 184, 117, 29, 167, 16, 54, 5, 155, 125, 189, 157, 179, 161,
    ];
    look_back(36, 3867, &looks);
}

#[test]
fn an_edit_is_taken_back_from_near_however_far_the_run_has_gone() {
    let mut lane = lane(24);
    lane.seek(Position::at(1000), |_| true);
    lane.edit(crate::debugger::Change::Setting {
        setting: 0,
        value: 2e-3,
    });
    lane.seek(Position::at(30_000), |_| true);
    let cut = lane.timeline_mut().frames.cut(1000);
    assert!(cut.is_some_and(|frame| frame.t + LONGEST_INTERVAL >= 1000));
}
