namespace Srcnn.Engine.Models;

/// <summary>FSRCNN (arXiv:1608.00367): cells <c>weights_conv</c>, <c>biases_conv</c> and one slope per layer in <c>prelu_conv</c>.</summary>
internal sealed class FsrcnnLayout : AuthorLayout
{
    public override bool Matches(MatFile file) => file.Variables.ContainsKey("weights_conv") && file.Variables.ContainsKey("prelu_conv");

    public override AuthorModel Read(MatFile file) => throw NotYet(file, "FSRCNN");
}
