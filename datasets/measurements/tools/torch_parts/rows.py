"""Tables that grow on disk, and timing and power of what runs on a GPU."""

import csv
import hashlib
import os
import statistics
import time

import torch

LLM = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes".split(",")
VISION = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes".split(",")
GEMM = "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id".split(",")
ELEMENTWISE = "hardware,backend,backend_version,op,kernel,dtype,tokens,width,latency_us,power_w,source_id".split(",")
UNITS = {"ttft_ms": "ms", "tpot_ms": "ms", "latency_ms_mean": "ms", "power_w_avg": "W", "energy_j_per_output_token": "J/token", "samples_per_s": "samples/s", "energy_j_per_sample": "J/sample"}


class Power:
    """Energy of a device from NVML's counter."""

    def __init__(self, index):
        import pynvml

        pynvml.nvmlInit()
        self.nvml, self.device = pynvml, pynvml.nvmlDeviceGetHandleByIndex(index)

    def joules(self):
        return self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.device) / 1e3

    def limit(self):
        return self.nvml.nvmlDeviceGetPowerManagementLimit(self.device) / 1e3


class Rows:
    """A table that grows on disk."""

    def __init__(self, path, columns):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", newline="")
        self.writer = csv.DictWriter(self.file, columns)
        self.writer.writeheader()

    def add(self, **row):
        if "id" in self.writer.fieldnames:
            row["id"] = "own-" + hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()[:12]
        self.writer.writerow(row)
        self.file.flush()

    def add_all(self, common, measured):
        """One row for each metric of a run."""
        for metric, value in measured:
            self.add(**common, metric=metric, value=f"{value:.6g}", unit=UNITS[metric])


def timed(call):
    """Seconds of one call."""
    torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def median_time(call, repeats):
    """Median seconds of a call."""
    return statistics.median(timed(call) for _ in range(repeats))


def powered(power, call, seconds):
    """Calls for at least that long; seconds for each call, and watts."""
    torch.cuda.synchronize()
    start, joules, calls = time.perf_counter(), power.joules(), 0
    while time.perf_counter() - start < seconds:
        call()
        torch.cuda.synchronize()
        calls += 1
    wall = time.perf_counter() - start
    return wall / calls, (power.joules() - joules) / wall


def captured(call):
    """The call as a CUDA graph."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph
