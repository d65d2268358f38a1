//! What the policy file asks of a change, and what that means for one change at one instant. Pure: no IO and no clock.

pub mod window;
