using Srcnn.Bench.Peers;

if (Memory.TryRunChild(args)) return 0;
if (args is not ["run" or "device" or "train" or "photo", ..])
{
    Console.Error.WriteLine(Options.Usage);
    return 1;
}
try
{
    var options = Options.Parse(args.AsSpan(1));
    if (args[0] == "train") QualityContest.Run(options);
    else if (args[0] == "photo") PhotoContest.Run(options);
    else if (args[0] == "device") Console.WriteLine(new DeviceSession(options, Options.Required(options.Device, "--device")).Run());
    else Console.WriteLine(new Session(options).Run());
    return 0;
}
catch (Exception e) when (e is ArgumentException or DisagreementException or Srcnn.Kernels.BackendUnavailableException or Srcnn.Kernels.DeviceException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
