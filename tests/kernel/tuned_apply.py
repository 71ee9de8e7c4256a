"""tuned_apply.py PACKAGES VENDOR: applies what /etc/tuned/active_profile names with TuneD's own loader, merger, unit manager
and sysctl plugin, of the modules below PACKAGES; VENDOR stands for /usr/lib/tuned. Only within namespaces that a test has made:
it writes to /proc/sys."""
import sys

sys.path.insert(0, sys.argv[1])

import logging

import tuned.consts as consts

consts.LOG_FILE = "/run/tuned.log"
consts.LOAD_DIRECTORIES = [sys.argv[2], "/etc/tuned"]

from tuned import profiles, storage, units
from tuned.plugins.instance.factory import Factory as InstanceFactory
from tuned.plugins.plugin_sysctl import SysctlPlugin
from tuned.utils.global_config import GlobalConfig

logging.disable(logging.CRITICAL)


class NoDevices:
    def start_processing_events(self):
        pass


class OnlySysctl:
    """The repository of plugins: of the others a profile may name, this test says nothing."""

    def __init__(self, config, variables):
        kept = storage.Factory(storage.PickleProvider("/run/tuned.pickle"))
        self.plugin = SysctlPlugin(None, kept, NoDevices(), None, None, InstanceFactory(), config, variables)

    def create(self, name):
        if name != "sysctl":
            raise LookupError(name)
        return self.plugin


config = GlobalConfig()
variables = profiles.variables.Variables()
loader = profiles.Loader(profiles.Locator(consts.LOAD_DIRECTORIES), profiles.Factory(), profiles.Merger(), config, variables)
with open("/etc/tuned/active_profile") as active:
    names = active.read().split()
if [name for name in names if name not in loader.profile_locator.get_known_names()]:
    sys.exit(0)  # the daemon ends so (tuned/daemon/daemon.py, _load_profiles())
try:
    profile = loader.load(names)
except profiles.exceptions.InvalidProfileException:
    sys.exit(0)
manager = units.Manager(OnlySysctl(config, variables), None, 0, NoDevices(), config)
manager.create(profile.units)
manager.start_tuning()
