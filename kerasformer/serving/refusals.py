"""What a request is refused with: a status code of HTTP and one line that says what is wrong."""


class Refusal(Exception):
    """A request that is not answered.

    Args:
        status: int, the status code of HTTP.
        message: str, one line without paths of this machine.
        retry_after: int, seconds after which the client may ask again; None if that does not help.
    """

    def __init__(self, status, message, retry_after=None):
        super().__init__(message)
        self.status, self.message, self.retry_after = status, message, retry_after


GONE = (499, "The client has left")
BUSY = (429, "Slowdown: too many texts are waiting, try again later", 1)
LATE = (504, "The translation took longer than the deadline of the service", 1)
FAULT = (500, "The text could not be translated because of a fault of the service", None)
LOADING = (503, "The models of the service are being loaded", 1)
