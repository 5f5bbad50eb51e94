using System.CommandLine;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn data check DIR</c></summary>
internal static class DataCheckCommand
{
    public static Command Create(Session session)
    {
        var folder = new Argument<string>("dir") { Description = "Folder of pictures." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("check", "Finds broken pictures in a folder, and where it differs from the public set it is.") { folder, json };
        command.SetAction(parse =>
        {
            var path = parse.GetValue(folder)!;
            PictureFolder.Files(path);
            var check = DatasetCatalog.Check(path, file =>
            {
                session.Stop.ThrowIfCancellationRequested();
                return Broken(file);
            });
            if (parse.GetValue(json))
            {
                session.PrintJson(new
                {
                    Dataset = check.Dataset?.Name,
                    Exact = check.IsExact,
                    check.Matching,
                    check.Missing,
                    check.Altered,
                    check.Extra,
                    Broken = check.Broken.Select(b => new { b.Name, b.Reason }),
                });
            }
            else
            {
                var output = session.Terminal.Output;
                output.WriteLine(check.Dataset is null ? $"{path} is no public set: {check.Extra.Count} sound pictures" : $"{path} is {check.Dataset.Name}: {check.Matching.Count} of {check.Dataset.Files.Count} files match");
                foreach (var name in check.Missing) output.WriteLine(Failure.OneLine($"missing  {name}"));
                foreach (var name in check.Altered) output.WriteLine(Failure.OneLine($"altered  {name}"));
                foreach (var name in check.Dataset is null ? [] : check.Extra) output.WriteLine(Failure.OneLine($"extra    {name}"));
                foreach (var (name, reason) in check.Broken) output.WriteLine(Failure.OneLine($"broken   {name}: {reason}"));
            }
            var bad = check.Broken.Count + check.Altered.Count + check.Missing.Count;
            if (bad == 0) return ExitCode.Done;
            session.PrintError(new Failure(ExitCode.Input,
                $"{path} has {check.Broken.Count} broken, {check.Altered.Count} altered and {check.Missing.Count} missing files; expected a sound and whole set; get those files again"));
            return ExitCode.Input;
        });
        return command;
    }

    private static string? Broken(string path)
    {
        try
        {
            ImageFile.Read(path);
            return null;
        }
        catch (ImageException e)
        {
            return e.Message;
        }
    }
}
