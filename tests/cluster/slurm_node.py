"""A Slurm cluster of one node: `python slurm_node.py FOLDER`, as root, as the first process of namespaces of its own.

Nothing of it can be reached from outside: the network namespace has a loopback device alone. All of it ends with this
process, which is the first of a process namespace. `FOLDER/ready` appears when it takes jobs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from first_process import have_network, stay

ADDRESS = "10.64.0.1"
CORES = os.cpu_count() or 1
MEGABYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 * 9 // 10

# No systemd, no cgroups, no accounting. cred_expire: how soon a job that is requeued may start again. The lower
# partition gives way to the upper one. What is longer than a job's time limit by a second is over it.
CONFIGURATION = """\
ClusterName=one
SlurmctldHost=node0({address})
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld
SlurmdLogFile={folder}/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=10
OverTimeLimit=0
NodeName=node0 NodeAddr={address} CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=lower Nodes=node0 Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=upper Nodes=node0 MaxTime=INFINITE State=UP PriorityTier=9
"""


def configured(folder: Path) -> Path:
    """The cluster's folders, its secret and its configuration, written."""
    for name in ("munge", "state", "spool", "log"):
        (folder / name).mkdir(mode=0o700)
    key = folder / "munge" / "key"
    key.touch(0o600)
    key.write_bytes(os.urandom(1024))
    file = folder / "slurm.conf"
    file.write_text(CONFIGURATION.format(folder=folder, address=ADDRESS, cores=CORES, memory=MEGABYTES))
    return file


def start(folder: Path) -> None:
    """Start the daemons, and wait until the node takes jobs."""
    os.environ["SLURM_CONF"] = str(configured(folder))
    have_network(folder, ADDRESS)
    munge = [f"--{name}-file={folder}/munge/{name}" for name in ("key", "pid", "log", "seed")]
    subprocess.run(["munged", "--force", f"--socket={folder}/munge/socket", *munge], check=True)
    subprocess.Popen(["slurmctld", "-D"])
    subprocess.Popen(["slurmd", "-D", "-N", "node0"])
    while "idle" not in subprocess.run(["sinfo", "-h", "-o", "%t"], capture_output=True, text=True, check=False).stdout:
        time.sleep(0.1)


if __name__ == "__main__":
    start(Path(sys.argv[1]))
    stay(Path(sys.argv[1]))
