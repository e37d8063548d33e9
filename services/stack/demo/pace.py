"""Maps the time of a story to the hub's clock and back; it reads no clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """A story that began at an instant of the hub's clock and runs `speed` times as fast."""

    began: datetime
    speed: float
    starts: time
    length: timedelta

    def hub(self, at: timedelta) -> datetime:
        """The instant of the hub's clock at which this moment of the story comes."""
        return self.began + at / self.speed

    def elapsed(self, moment: datetime) -> timedelta:
        """How far the story is at an instant of the hub's clock."""
        return (moment - self.began) * self.speed

    def told(self, duration: timedelta) -> timedelta:
        """How long something that took this long by the hub's clock takes in the story."""
        return duration * self.speed

    def wall(self, moment: datetime) -> str:
        """What the clock on the wall of the story says."""
        start = timedelta(hours=self.starts.hour, minutes=self.starts.minute, seconds=self.starts.second)
        seconds = round((start + self.elapsed(moment)).total_seconds()) % 86_400
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def claimed(self, at: timedelta) -> datetime:
        """What a unit's own clock says: real minutes apart, and never ahead of the hub's clock."""
        return self.began - self.length + at
